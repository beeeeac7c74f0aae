import { mkdtempSync } from 'node:fs';
import { benchFits } from './bench-fits.ts';
import { loadWorkbench } from './workbench.ts';
const b = await loadWorkbench('/work/shared/data/runs', 'btc-2m', [3, 5, 10, 15, 30]);
console.table(await benchFits(b, mkdtempSync('/tmp/bb-')));
