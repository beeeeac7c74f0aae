/**
 * An object whose fields are made when they are first read, and once: a leaderboard reads few of the statements that
 * `sweep trust` prints, and most of them take a pass over all configurations under all sign vectors. Whoever copies it or
 * writes it as JSON reads all of them.
 */
export function lazily<T extends object>(makers: { readonly [Key in keyof T]: () => T[Key] }): T {
  const made = {};
  for (const key of Object.keys(makers)) {
    let known: { readonly value: unknown } | undefined;
    Object.defineProperty(made, key, {
      enumerable: true,
      get: () => (known ??= { value: makers[key as keyof T]() }).value,
    });
  }
  // Its keys are the makers' own.
  return made as T;
}
