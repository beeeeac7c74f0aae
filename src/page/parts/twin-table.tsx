import { useState } from 'preact/hooks';
import { whole } from './number-text.ts';
import { useIsPrinting } from './printing.ts';
import { Scroller } from './scroller.tsx';

export type Twin = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** More at a time would make the page slow for nothing: nobody reads on from there without the CSV. */
const ROWS_AT_A_TIME = 200;

/** A drawing's numbers as a table. Columns after the first stand to the right where all of them are numbers. */
export function TwinTable({ caption, twin }: { readonly caption: string; readonly twin: Twin }) {
  const [limit, setLimit] = useState(ROWS_AT_A_TIME);
  const isPrinting = useIsPrinting();
  const { head, rows } = twin;
  const shown = rows.slice(0, isPrinting ? ROWS_AT_A_TIME : limit);
  const isNumeric = head.map(
    (_, column) => column > 0 && shown.every((row) => /^[+−<≥≤]?[\d–]/.test(row[column] ?? '–')),
  );
  return (
    <Scroller class="twin" label={`${caption} (table)`}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((text, column) => (
              <th key={column} scope="col" class={isNumeric[column] ? 'number' : undefined}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, i) => (
            <tr key={i}>
              {row.map((text, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    {text}
                  </th>
                ) : (
                  <td key={column} class={isNumeric[column] ? 'number' : undefined}>
                    {text}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <p class="more">
          {whole(shown.length)} of {whole(rows.length)} lines.{' '}
          <button type="button" class="quiet" onClick={() => setLimit(limit + 5 * ROWS_AT_A_TIME)}>
            show more
          </button>
        </p>
      )}
    </Scroller>
  );
}
