/** Tabulator in the colours of the page. Every value is put as text, never as markup. */
import { FilterModule, FormatModule, ResizeColumnsModule, SortModule, Tabulator, type CellComponent } from 'tabulator-tables';
import type { Values } from '../api/client';
import { isNumber, numeric, shown } from './cells';
import { copied } from './copied';
import './grid.css';

Tabulator.registerModule([FilterModule, FormatModule, ResizeColumnsModule, SortModule]);

type Column = Values['OutputColumn'];
type Row = Record<string, unknown>;
const TALLEST = 480;
const ROW = 33;

export interface Table {
  filter: (text: string) => void;
  text: () => string;
  close: () => void;
}

export function openGrid(parent: HTMLElement, columns: Column[], rows: unknown[][], label: string): Table {
  const data = rows.map((row) => Object.fromEntries(row.map((value, at) => [`c${at}`, value])));
  const table = new Tabulator(parent, {
    data,
    layout: 'fitDataTable',
    ...(rows.length * ROW > TALLEST ? { height: TALLEST } : {}),
    columnDefaults: { headerSortTristate: true, maxWidth: 520, resizable: 'header' },
    columns: columns.map((column, at) => ({
      title: '',
      titleFormatter: () => heading(column),
      field: `c${at}`,
      hozAlign: isNumber(column) ? 'right' : 'left',
      headerHozAlign: isNumber(column) ? 'right' : 'left',
      formatter: (cell: CellComponent) => text(cell.getValue(), column),
      sorter: (one: unknown, other: unknown) => compared(one, other, column),
    })),
  });
  parent.setAttribute('aria-label', label);
  let wanted = '';
  let isBuilt = false;
  const fits = (row: Row) => columns.some((column, at) => shown(row[`c${at}`], column).toLowerCase().includes(wanted));
  const filter = () => (wanted ? table.setFilter(fits) : table.clearFilter(true));
  table.on('tableBuilt', () => {
    isBuilt = true;
    // What scrolls can be focused, so it is no mere wrapper to a screen reader.
    parent.querySelector('.tabulator-tableholder')?.setAttribute('role', 'rowgroup');
    parent.querySelector('.tabulator-table')?.setAttribute('role', 'presentation');
    if (wanted) filter();
  });
  return {
    filter: (search) => {
      const before = wanted;
      wanted = search.trim().toLowerCase();
      if (isBuilt && wanted !== before) filter();
    },
    text: () => copied(columns, (table.getData('active') as Row[]).map((row) => columns.map((_, at) => row[`c${at}`]))),
    close: () => table.destroy(),
  };
}

/** A button, so that the keyboard sorts, too: its click reaches the heading. */
function heading(column: Column): HTMLElement {
  const found = document.createElement('button');
  found.textContent = column.name;
  found.title = column.masked ? `${column.type}, masked` : column.type;
  if (column.masked) found.className = 'masked';
  return found;
}

function text(value: unknown, column: Column): HTMLElement {
  const found = document.createElement('span');
  found.dir = 'auto';
  if (value === null || value === undefined) {
    found.className = 'null';
    found.textContent = 'null';
  } else found.textContent = shown(value, column);
  return found;
}

function compared(one: unknown, other: unknown, column: Column): number {
  if (isNumber(column)) return (numeric(one) || 0) - (numeric(other) || 0);
  return String(one ?? '').localeCompare(String(other ?? ''));
}
