/**
 * Every number that a statement of this folder rests on. Changing one of them, or one of the two labels, is a new
 * statistics version: figures of two versions are not to be compared.
 */
export const STATISTICS_VERSION = 1;

/** Level of every test, and 1 − the level of every interval. */
export const ALPHA = 0.05;
/** Fewer blocks of days than this: no interval, no p, no flip. */
export const MIN_BLOCKS = 6;
/** Fewer blocks than this: no plateau, no statement about the choice (C(6, 3) = 20 halves say nothing). */
export const MIN_JOINT_BLOCKS = 8;
/** A day with fewer bars than this share of the median day joins its neighbour. */
export const LIGHT_DAY = 0.25;
/** From so many days on, several days make a block, ten to fourteen blocks in all. */
export const DAYS_OF_LONG_SPLIT = 20;
/** At most so many cells of days a split in the pair matrix of an AUC. */
export const MAX_CELLS = 64;
/** Below so many days the autocorrelation between days cannot be checked. */
export const FEW_DAYS = 40;
/** Differences of a score below this share of the constant's error are the same by fiat. */
export const SAME_SCORE = 0.001;
/** Daily sums that agree to this relative size are one look. */
export const SAME_LOOK = 1e-6;
/** Two rows of block values are one where they agree to this share of the table's largest value. */
export const SAME_ROW = 1e-9;
/** Slack of comparisons of normalised sums: rounding, and nothing else, is smaller. */
export const TOLERANCE = 1e-12;
/** Up to so many blocks all sign vectors are taken, 2^q of them. */
export const ALL_SIGNS_UP_TO = 12;
/** Beyond: so many, the first all +1, the others from SHA-256 of `SIGN_LABEL`. */
export const SIGN_VECTORS = 4096;
export const SIGN_LABEL = 'sweep-signs-1';
/** Draws of a verdict's chance, from SHA-256 of `DRAW_LABEL`. */
export const DRAWS = 2000;
export const DRAW_LABEL = 'sweep-gates-1';
/** The plateau's controls, and the representatives they are compared with. */
export const CONTROLS = 16;
export const RIVALS = 256;
/** Of the choice: blocks, halves, null vectors and rows of the null at most. */
export const MAX_CHOICE_BLOCKS = 16;
export const MAX_HALVES = 2000;
export const NULL_VECTORS = 199;
export const NULL_ROWS = 200;
/** A verdict rests on eight gates of two conditions each. */
export const CONDITIONS = 16;
/** A flip below the first reads `clear`, below the second `leaning`, else `noise`. */
export const CLEAR_BELOW = 0.05;
export const LEANING_BELOW = 0.2;
