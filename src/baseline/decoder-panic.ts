import runtime from 'node:process';

/**
 * Runs an asynchronous decode of the parquet module, which on some damaged pages panics outside its own promise: the
 * promise then never settles, and the panic would end the process as an uncaught exception. While the decode runs, such
 * an exception rejects it instead.
 */
export async function withPanicsAsErrors<T>(decode: () => Promise<T>): Promise<T> {
  let onPanic: (error: unknown) => void = () => {};
  const panicked = new Promise<never>((_, reject) => {
    onPanic = (error) => reject(error instanceof Error ? error : new Error(String(error)));
  });
  runtime.on('uncaughtException', onPanic);
  try {
    return await Promise.race([decode(), panicked]);
  } finally {
    runtime.off('uncaughtException', onPanic);
  }
}
