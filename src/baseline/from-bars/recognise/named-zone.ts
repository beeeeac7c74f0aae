/** A clock other than UTC's that a file names beside its times: the words, and an IANA name where they tell it. */
export type NamedZone = { readonly words: string; readonly zone: string | null };

/** Abbreviations are no zones: EST may be New York's clock or five hours behind UTC all year. They tell where to look. */
const ZONE_OF: { readonly [abbreviation: string]: string | null } = {
  est: 'America/New_York',
  edt: 'America/New_York',
  eastern: 'America/New_York',
  newyork: 'America/New_York',
  cst: null,
  cdt: 'America/Chicago',
  chicago: 'America/Chicago',
  mst: 'America/Denver',
  mdt: 'America/Denver',
  pst: 'America/Los_Angeles',
  pdt: 'America/Los_Angeles',
  bst: 'Europe/London',
  london: 'Europe/London',
  cet: 'Europe/Berlin',
  cest: 'Europe/Berlin',
  eet: 'Europe/Helsinki',
  eest: 'Europe/Helsinki',
  msk: 'Europe/Moscow',
  moscow: 'Europe/Moscow',
  ist: null,
  hkt: 'Asia/Hong_Kong',
  sgt: 'Asia/Singapore',
  kst: 'Asia/Seoul',
  jst: 'Asia/Tokyo',
  tokyo: 'Asia/Tokyo',
  beijing: 'Asia/Shanghai',
  shanghai: 'Asia/Shanghai',
  aest: 'Australia/Sydney',
  aedt: 'Australia/Sydney',
  sydney: 'Australia/Sydney',
  local: null,
};

/** A clock that words about times name, such as `Time (EST)`, `date_kst`, `US/Eastern`, `Date(UTC+8)`; null for none or UTC. */
export function namedZone(words: string): NamedZone | null {
  const offset = /(?:^|[^a-z])(?:UTC|GMT)\s*([+-])\s*0?(\d{1,2})(?::?00)?(?![\d:])/i.exec(words);
  if (offset !== null) {
    const hours = Number(offset[2]);
    // IANA counts these the other way round: Etc/GMT-8 is eight hours ahead.
    return hours === 0 ? null : { words, zone: hours > 14 ? null : `Etc/GMT${offset[1] === '+' ? '-' : '+'}${hours}` };
  }
  const iana = /[A-Za-z]+\/[A-Za-z_]+(?:\/[A-Za-z_]+)?/.exec(words)?.[0];
  if (iana !== undefined && isZone(iana)) return isUtc(iana) ? null : { words, zone: iana };
  for (const token of words.replace(/([a-z])([A-Z])/g, '$1 $2').split(/[^A-Za-z]+/)) {
    const zone = ZONE_OF[token.toLowerCase()];
    if (zone !== undefined) return { words, zone };
  }
  return null;
}

/** Whether Intl knows a zone. */
function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function isUtc(zone: string): boolean {
  return /^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Greenwich|Universal)$/i.test(zone);
}
