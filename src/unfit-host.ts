import { UserError } from './user-error.ts';

/** This machine may not work: what it computes is not what every other one does. Another machine may; nothing is written. */
export class UnfitHost extends UserError {}
