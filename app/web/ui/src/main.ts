import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';

const target = document.getElementById('page');
if (!target) throw new Error('The page has no place to stand.');
mount(App, { target });
