/** What labels, masks and tiers are called on the page. */

const LABELS: Record<string, string> = {
  person_name: 'names of people',
  email: 'e-mail addresses',
  phone: 'phone numbers',
  street_address: 'street addresses',
  postal_code: 'postal codes',
  geo_coordinates: 'places on a map',
  ip_address: 'IP addresses',
  device_id: 'numbers of devices',
  username: 'user names',
  person_id: 'numbers that stand for a person',
  national_id: 'national identity numbers',
  passport_number: 'passport numbers',
  driver_license: 'driving licences',
  payment_card: 'card numbers',
  bank_account: 'bank accounts',
  vehicle_id: 'numbers of vehicles',
  credential: 'passwords or keys',
  date_of_birth: 'dates of birth',
  age: 'ages of people',
  race_ethnicity: 'race or ethnic origin',
  health: 'health of people',
  political_opinion: 'political opinions',
  financial: 'money matters of people',
  free_text_pii: 'free text that may name people',
};

/** The label of a review in words; empty where there is none. */
export function labelName(label: string): string {
  const [base = '', finer = ''] = label.split('.');
  if (!base) return '';
  if (base === 'none') return 'nothing personal';
  const name = LABELS[base] ?? base.replaceAll('_', ' ');
  return finer ? `${name} (${finer.replaceAll('_', ' ')})` : name;
}

const MASKS: Record<string, { short: string; does: string }> = {
  redact: { short: 'hidden', does: 'Text reads as [redacted], and every other type as empty.' },
  null: { short: 'empty', does: 'Every value reads as empty.' },
  last4: { short: 'last four', does: 'You see the last four characters of longer texts, and nothing of short ones.' },
  domain: { short: 'domain only', does: 'Of an address you see the @ and what follows it.' },
  year: { short: 'year only', does: 'Every date reads as the first day of its year.' },
  band: { short: 'rounded', does: 'Every number is rounded down, so that you see its size and not its digits.' },
};

export function maskName(mask: string): string {
  return MASKS[mask]?.short ?? mask;
}

export function maskMeaning(mask: string): string {
  return MASKS[mask]?.does ?? '';
}

/** `lake.billing.invoices` in its parts. */
export function named(table: string): { schema: string; name: string; short: string } {
  const parts = table.split('.');
  const name = parts.at(-1) ?? table;
  const schema = parts.at(-2) ?? '';
  return { schema, name, short: parts[0] === 'lake' ? parts.slice(1).join('.') : table };
}

export function tierKind(tier: string): string {
  return tier === 'curated' ? 'good' : tier === 'deprecated' ? 'bad' : '';
}
