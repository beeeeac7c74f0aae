import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander';
import { didYouMean } from '../sweep/did-you-mean.ts';
import { show } from '../sweep/problems.ts';

/**
 * Has a command refuse values in one sentence, `--threads: expected a whole number from 1 to 256, got "x"`. Commander puts
 * one of its own before ours, which says option and value in other words.
 */
export function refusePlainly(command: Command): void {
  for (const option of command.options) inOneSentence(command, option, option.long ?? option.flags);
  for (const argument of command.registeredArguments) inOneSentence(command, argument, argument.name());
}

function inOneSentence(command: Command, taker: Option | Argument, name: string): void {
  const { argChoices: choices } = taker;
  const parse = taker.parseArg?.bind(taker) ?? (takesText(taker) ? notEmpty : undefined);
  if (parse === undefined) return;
  taker.parseArg = <T>(text: string, previous: T): T => {
    try {
      return parse(text, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const rule = choices === undefined ? error.message.replace(/\.$/, '') : choiceText(text, choices);
      return command.error(`error: ${name}: ${rule}`);
    }
  };
}

/** Whether it takes one text as it is: commander gathers several by itself, where nothing else reads them. */
function takesText(taker: Option | Argument): boolean {
  return !taker.variadic && (!('flags' in taker) || taker.required);
}

/** No name, path or hash is empty; a variable of a shell that is not set is. */
function notEmpty<T>(text: string, _previous: T): T {
  if (text === '') throw new InvalidArgumentError('expected a value, got an empty text');
  // What commander is given without a parser is the text itself.
  return text as T;
}

function choiceText(text: string, choices: readonly string[]): string {
  const meant = didYouMean(text, choices);
  return `expected one of ${choices.join(', ')}, got ${show(text)}${meant === null ? '' : `; did you mean ${meant}?`}`;
}
