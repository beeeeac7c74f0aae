import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Holds what is printed against the file of that name in `screens`. A screen that has no file yet gets one, and the test
 * fails: look at it, and run again. To change one on purpose, delete its file.
 */
export function assertScreen(name: string, printed: string): void {
  const file = new URL(`screens/${name}`, import.meta.url);
  if (!existsSync(file)) {
    writeFileSync(file, printed);
    assert.fail(`screens/${name} is new: look at it, and run the test again`);
  }
  assert.equal(printed, readFileSync(file, 'utf8'));
}
