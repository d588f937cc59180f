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
  { path: 'tables', name: 'Tables', icon: 'tables', load: () => import('../tables/TablesPage.svelte') },
  { path: 'dashboards', name: 'Dashboards', icon: 'board', load: () => import('../dashboards/DashboardsPage.svelte') },
  { path: 'review', name: 'Review', icon: 'review', load: () => import('../review/ReviewPage.svelte') },
  { path: 'access', name: 'Access', icon: 'access', load: () => import('../access/AccessPage.svelte') },
  { path: 'audit', name: 'Audit', icon: 'audit', load: () => import('../audit/AuditPage.svelte') },
  { path: 'usage', name: 'Usage', icon: 'usage', load: () => import('../usage/UsagePage.svelte') },
];
