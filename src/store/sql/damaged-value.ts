/** A value that this program cannot have written. Where a store is opened it becomes an error of the user's store. */
export class DamagedValue extends Error {
  override readonly name = 'DamagedValue';
}
