import type { BarRole } from '../recognise/roles.ts';

/** What a user says of a file where its content does not. Everything is optional. */
export type ReadingOptions = {
  /** Which column, by name or by number from 1, plays a role; null: none does. */
  readonly columns?: Readonly<Partial<Record<BarRole, string | null>>> | undefined;
  readonly timeUnit?: TimeUnit | undefined;
  readonly timeIs?: TimeIs | undefined;
  /** IANA name; times without an offset are this zone's clock. Default UTC. */
  readonly timeZone?: string | undefined;
  readonly dateOrder?: DateOrder | undefined;
  readonly noHeader?: boolean | undefined;
  /** One character. */
  readonly separator?: string | undefined;
  readonly decimal?: DecimalMark | undefined;
  /** Bars finer than a minute become 1-minute bars. */
  readonly aggregate?: boolean | undefined;
  /** Rows that break a rule are left out, up to this many. */
  readonly dropBadRows?: number | undefined;
};

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];
export const TIME_IS = ['open', 'close'] as const;
export type TimeIs = (typeof TIME_IS)[number];
export const DATE_ORDERS = ['day-first', 'month-first'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];
export const DECIMAL_MARKS = ['point', 'comma'] as const;
export type DecimalMark = (typeof DECIMAL_MARKS)[number];
