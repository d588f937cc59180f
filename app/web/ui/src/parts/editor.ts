/** CodeMirror for Trino's SQL, in the colours of the page. */
import { autocompletion, closeCompletion, completionKeymap } from '@codemirror/autocomplete';
import { SQLDialect } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { minimalSetup } from 'codemirror';
import { completions } from './completion';

export interface Editor {
  show: (sql: string) => void;
  /** Go there, and bring it into view. */
  focus: () => void;
  close: () => void;
}

interface Told {
  change?: ((sql: string) => void) | undefined;
  run?: (() => void) | undefined;
}

const WORDS =
  'all and any as asc between by case cast cross current_date current_timestamp date desc distinct else end escape except exists extract false fetch filter first following for from full group grouping having if in inner intersect interval is join last lateral left like limit natural not null nulls offset on or order outer over partition preceding range recursive right rollup row rows select sets some table tablesample then time timestamp true try_cast unbounded union unnest using values when where window with within';
const TYPES = 'array bigint boolean char date decimal double integer json map real row smallint time timestamp tinyint uuid varbinary varchar';
const trino = SQLDialect.define({ keywords: WORDS, types: TYPES, identifierQuotes: '"', doubleDollarQuotedStrings: false });

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: tags.typeName, color: 'var(--accent)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--muted)', fontStyle: 'italic' },
]);

const look = EditorView.theme({
  '&': { fontSize: '0.87rem', backgroundColor: 'transparent' },
  '.cm-content': { fontFamily: 'var(--mono)', padding: '0.6rem 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 0.8rem' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--muted)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line-strong)', borderRadius: '8px', overflow: 'hidden', boxShadow: 'var(--shade)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '16rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.6rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-ground)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { color: 'inherit', marginInlineStart: '0.8rem' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--accent-soft)' },
});

/** Completion of names and words; Enter takes one, Tab goes on to what follows the editor. */
function completing() {
  return [autocompletion({ icons: false }), keymap.of(completionKeymap), ...completions(trino).map((autocomplete) => trino.language.data.of({ autocomplete }))];
}

export function openEditor(parent: HTMLElement, text: string, isEditable: boolean, told: Told): Editor {
  const run = (writing: EditorView) => {
    closeCompletion(writing);
    told.run?.();
    return true;
  };
  const label = { 'aria-label': isEditable ? 'SQL, editable' : 'SQL' };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([{ key: 'Mod-Enter', run }]),
        minimalSetup,
        ...(isEditable ? [lineNumbers(), completing()] : []),
        trino.extension,
        syntaxHighlighting(colours),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ ...label, tabindex: '0' }),
        EditorState.readOnly.of(!isEditable),
        EditorView.editable.of(isEditable),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) told.change?.(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    show: (next) => {
      if (next !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    focus: () => {
      view.focus();
      view.dom.scrollIntoView({ block: 'center' });
    },
    close: () => view.destroy(),
  };
}
