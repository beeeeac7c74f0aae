import { Command, Option } from 'commander';
import { printable } from '../../report/printable.ts';
import type { VerdictChoice } from '../../store/records.ts';
import { UserError } from '../../user-error.ts';
import { openStore } from '../open-store.ts';
import { userName } from '../provenance.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print } from '../terminal.ts';

type Options = VerdictChoice & { db: string; tag: boolean; remove: boolean; machine: boolean };

/** Longer texts belong into a file. */
const LONGEST_NOTE = 2000;
const TAG_RULE = 'expected a tag of 1 to 40 letters, digits, dots, dashes or underscores';
const TAG = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,39}$/u;

/** `sweep note ID TEXT`: a sentence or a tag on a verdict. */
export function noteCommand(): Command {
  return new Command('note')
    .description('write a sentence or a tag to a verdict; `sweep show` shows it')
    .argument('<id>', "configuration's or verdict's id, or any prefix that names one only")
    .argument('<text>', 'the sentence, or with --tag the tag')
    .addOption(new Option('--db <file>', 'store to change').default(DEFAULT_STORE))
    .option('--tag', 'the text is a tag, to be filtered by', false)
    .option('--remove', 'take this sentence or tag away', false)
    .option('--sweep <name>', 'the verdict that this sweep shows, where the configuration has several')
    .option('--baseline <id>', 'the verdict on this baseline run')
    .option('--data <hash>', 'the verdict on these data, by the beginning of their hash')
    .option('--code <hash>', 'the verdict by this code, by the beginning of its hash or its version')
    .option('--no-machine', 'do not store who wrote it')
    .action(async (id: string, text: string, options: Options) => {
      checkText(text, options.tag);
      await using store = await openStore(options.db, { mode: 'write' });
      if (options.remove) {
        const count = await store.removeNote(id, options, text);
        if (count === 0)
          throw new UserError(`${id}: has no note or tag ${JSON.stringify(text)}. See \`sweep show ${id}\``);
        print(printable(`${id}: "${text}" taken away`));
        return;
      }
      const verdictId = await store.addNote(id, options, {
        kind: options.tag ? 'tag' : 'note',
        text,
        writtenAt: new Date().toISOString(),
        author: options.machine ? userName() : null,
      });
      print(`${verdictId}: ${options.tag ? 'tagged' : 'noted'}`);
    });
}

function checkText(text: string, isTag: boolean): void {
  if (isTag && !TAG.test(text)) throw new UserError(`tag: ${TAG_RULE}, got ${JSON.stringify(text)}`);
  if (text.trim() === '' || text.length > LONGEST_NOTE) {
    throw new UserError(`note: expected a text of 1 to ${LONGEST_NOTE} characters, got ${text.length}`);
  }
}
