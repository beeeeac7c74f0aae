import { useRef } from 'preact/hooks';
import { whole } from '../parts/number-text.ts';
import { useIsPrinting } from '../parts/printing.ts';
import { configurationHash } from '../parts/route.ts';
import { Scroller } from '../parts/scroller.tsx';
import { nextOrder, type Order } from '../rows/order.ts';
import type { SweepView } from '../rows/sweep-view.ts';
import type { TableColumn } from '../rows/table-columns.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

/** On paper: nobody reads further, and the file has the rest. */
const PRINTED_ROWS = 40;

type ConfigurationTableProps = {
  readonly view: SweepView;
  readonly columns: readonly TableColumn[];
  /** Rows to show, in their order. */
  readonly shown: ArrayLike<number>;
  readonly order: Order;
  readonly setOrder: (order: Order) => void;
};

/** The selected rows; only those in sight are in the document, and say which of all they are. */
export function ConfigurationTable({ view, columns, shown, order, setOrder }: ConfigurationTableProps) {
  const scroller = useRef<HTMLElement>(null);
  const isPrinting = useIsPrinting();
  const { items, height } = useVirtualRows(shown.length, scroller);
  const visible = isPrinting
    ? Array.from({ length: Math.min(PRINTED_ROWS, shown.length) }, (_, i) => i)
    : items.map(({ index }) => index);
  const before = isPrinting ? 0 : (items[0]?.start ?? 0);
  const after = isPrinting ? 0 : height - (items.at(-1)?.end ?? 0);
  return (
    <>
      <Scroller scroller={scroller} class="table-scroller" label="selected configurations">
        <table class="configurations" aria-rowcount={shown.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <HeadCell key={column.name} column={column} order={order} setOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={before} columns={columns.length} />
            {visible.map((index) => (
              <TableRow key={shown[index]} view={view} columns={columns} row={shown[index]!} rowIndex={index + 2} />
            ))}
            <Spacer height={after} columns={columns.length} />
          </tbody>
        </table>
        {shown.length === 0 && <p class="empty">No configuration is selected.</p>}
      </Scroller>
      {isPrinting && shown.length > PRINTED_ROWS && (
        <p class="how">
          The first {PRINTED_ROWS} of {whole(shown.length)}.
        </p>
      )}
    </>
  );
}

type HeadCellProps = Pick<ConfigurationTableProps, 'order' | 'setOrder'> & { readonly column: TableColumn };

function HeadCell({ column, order, setOrder }: HeadCellProps) {
  const { name, label, isNumber } = column;
  const isPrinting = useIsPrinting();
  // As ranked is ascending by rank.
  const isSorted = order.name === name || (order.name === null && name === 'rank');
  const direction = order.isDescending ? 'descending' : 'ascending';
  const text = (
    <>
      {label}
      <span aria-hidden="true">{isSorted ? (order.isDescending ? ' ↓' : ' ↑') : ''}</span>
    </>
  );
  return (
    <th scope="col" class={isNumber ? 'number' : undefined} aria-sort={isSorted ? direction : 'none'}>
      {isPrinting ? (
        // The head stands on each sheet of the table: there, Chromium leaves buttons empty.
        text
      ) : (
        <button type="button" onClick={() => setOrder(nextOrder(order, name))}>
          {text}
        </button>
      )}
    </th>
  );
}

function Spacer({ height, columns }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can have the focus
    <tr aria-hidden="true" class="spacer" style={{ height: `${height}px` }}>
      <td colSpan={columns} />
    </tr>
  );
}

type TableRowProps = Pick<ConfigurationTableProps, 'view' | 'columns'> & {
  readonly row: number;
  readonly rowIndex: number;
};

function TableRow({ view, columns, row, rowIndex }: TableRowProps) {
  const { rows } = view;
  return (
    <tr aria-rowindex={rowIndex} class={rows.passed(row) ? 'is-pass' : undefined}>
      {columns.map(({ name, isNumber, text }) => (
        <td key={name} class={isNumber ? 'number' : undefined}>
          {name === 'id' ? (
            <a class="id" href={configurationHash(rows.ids[row]!)}>
              {text(row)}
            </a>
          ) : name === 'verdict' ? (
            <span class={`verdict ${rows.passed(row) ? 'good' : ''}`}>
              {rows.passed(row) ? '✓ ' : ''}
              {text(row)}
            </span>
          ) : (
            text(row)
          )}
        </td>
      ))}
    </tr>
  );
}
