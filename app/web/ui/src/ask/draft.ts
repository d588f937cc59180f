/** Words that were not answered when a session ended: they stand in the box again for the same person. */

const KEPT = 'skipper-draft';

export function keepDraft(subject: string, words: string): void {
  try {
    if (words.trim()) sessionStorage.setItem(KEPT, JSON.stringify({ subject, words }));
  } catch {
    // A browser that keeps nothing keeps no words either.
  }
}

/** What was kept for them; it is forgotten by that. */
export function takeDraft(subject: string): string {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as { subject?: unknown; words?: unknown };
    sessionStorage.removeItem(KEPT);
    return kept.subject === subject && typeof kept.words === 'string' ? kept.words : '';
  } catch {
    return '';
  }
}
