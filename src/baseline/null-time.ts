/** What stands for a null time, in ns since 1970; no real time is 1677-09-21T00:12:43.145224192Z. */
export const NULL_TIME = -(2n ** 63n);
