/** What an event says: the seed's field names, values as they are. */
export type EventFields = Readonly<
  Record<string, string | number | null | readonly number[] | Readonly<Record<string, number>>>
>;

/** Receives the seed's events, `trader.training.state_continue_*`. Rendering them is the command line's business. */
export type EventLog = (event: string, fields: EventFields) => void;
