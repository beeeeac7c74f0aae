import { useId } from 'preact/hooks';

type ChoiceProps<T extends string> = {
  readonly label: string;
  readonly value: T;
  readonly choose: (value: T) => void;
  readonly choices: readonly (readonly [value: T, text: string])[];
};

/** One of a few: radio buttons that look like one bar, and work as radio buttons do. */
export function Choice<T extends string>({ label, value, choose, choices }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {choices.map(([of, text]) => (
        <label key={of}>
          <input type="radio" name={name} checked={of === value} onChange={() => choose(of)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
