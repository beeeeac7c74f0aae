/** ln 2 in two parts: the first has 42 bits, so that its product with a whole number below 2¹¹ is exact. */
export const LN2_HIGH = 3_048_493_539_143 / 4_398_046_511_104;
export const LN2_LOW = 5.497923018708371e-14;
