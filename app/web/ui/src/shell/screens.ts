/** The screens beside the question's own, each loaded when it is first opened. */
import type { Component } from 'svelte';
import type { IconName } from '../parts/Icon.svelte';

export interface Screen {
  path: string;
  name: string;
  icon: IconName;
  load: () => Promise<{ default: Component }>;
}

export const SCREENS: Screen[] = [
  { path: 'dashboards', name: 'Dashboards', icon: 'board', load: () => import('../dashboards/DashboardsPage.svelte') },
  { path: 'usage', name: 'Usage', icon: 'usage', load: () => import('../usage/UsagePage.svelte') },
];
