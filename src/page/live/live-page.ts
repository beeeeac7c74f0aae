import { h, render } from 'preact';
import {
  LIVE_ELEMENT,
  type LiveProgress,
  type LiveReport,
  type LiveReportNews,
  type LiveRow,
} from '../../page-data/live.ts';
import { ROOT_ELEMENT, readReport } from '../../page-data/reading.ts';
import { type MountedPage, mount } from '../mount.tsx';
import { saveFile } from '../parts/save-file.ts';
import { LivePanel } from './live-panel.tsx';
import { type LiveState, NOTHING_YET, withoutRows, withProgress, withRows } from './live-state.ts';
import { pointerIsUp, watchPointer } from './pointer.ts';

/** A connection that the server refused is tried again after this; one that was lost the browser takes up by itself. */
const RETRY_MS = 2000;

/** Follows the server that this page came from, and draws what it tells. */
class LivePage {
  readonly #panel: HTMLElement;
  readonly #root: HTMLElement;
  #state: LiveState = NOTHING_YET;
  #mounted: MountedPage | null = null;
  /** The final report as a file, kept here: it can be saved when the server is gone. */
  #file: { readonly name: string; readonly text: string } | null = null;
  #shownVersion = 0;
  #loading: Promise<void> = Promise.resolve();

  constructor(panel: HTMLElement, root: HTMLElement) {
    this.#panel = panel;
    this.#root = root;
  }

  connect(): void {
    const source = new EventSource('events');
    const on = (name: string, take: (data: unknown) => void): void =>
      source.addEventListener(name, (event: MessageEvent<string>) => take(JSON.parse(event.data)));
    // A new connection that is not the browser's own going on: rows come from the first on.
    this.#set(withoutRows(this.#state));
    source.onopen = () => this.#set({ ...this.#state, link: 'open' });
    source.onerror = () => {
      this.#set({ ...this.#state, link: 'lost' });
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.connect(), RETRY_MS);
    };
    on('restart', () => this.#set(withoutRows(this.#state)));
    on('rows', (rows) => this.#set(withRows(this.#state, rows as readonly LiveRow[])));
    on('progress', (progress) => this.#set(withProgress(this.#state, progress as LiveProgress, performance.now())));
    on('report', (news) => this.#load(news as LiveReportNews, false));
    on('done', (news) => this.#load(news as LiveReportNews, true));
    on('end', () => {
      // The server waits for what is being fetched until this stream is closed.
      void this.#loading.then(() => {
        source.close();
        this.#set({ ...this.#state, link: 'ended' });
      });
    });
  }

  #set(state: LiveState): void {
    this.#state = state;
    const { progress } = state;
    document.title = titleOf(progress);
    const file = this.#file;
    const save =
      file === null || progress?.isFinal === false ? null : () => saveFile(file.name, file.text, 'text/html');
    render(h(LivePanel, { state, save }), this.#panel);
  }

  /** One after the other; what was announced meanwhile is fetched with the newest. */
  #load({ version }: LiveReportNews, isFinal: boolean): void {
    this.#loading = this.#loading
      .then(async () => {
        if (this.#shownVersion >= version) return;
        const report = (await (await askServer('report')).json()) as LiveReport;
        const read = await readReport(report.header, report.columns);
        // Asked for before a reader is waited for: the server may be gone after.
        const file = isFinal ? askServer('report.html').then((response) => response.text()) : null;
        await pointerIsUp();
        if (this.#mounted === null) this.#mounted = mount(this.#root, read.report, read.bytes);
        else this.#mounted.update(read.report, read.bytes);
        this.#root.dataset['ready'] = 'true';
        this.#root.dataset['version'] = String(report.version);
        this.#shownVersion = report.version;
        if (file === null) return;
        this.#file = { name: `${read.report.sweeps[0].name.replaceAll(/[^\w.-]+/g, '_')}.html`, text: await file };
        this.#set(this.#state);
      })
      // The next one that is announced is tried anew.
      .catch(() => {});
  }
}

async function askServer(name: string): Promise<Response> {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

function titleOf(progress: LiveProgress | null): string {
  if (progress === null || progress.sweep === null) return 'sweep';
  const { configurations, pending } = progress.counts;
  if (progress.isFinal) return `${progress.sweep}: sweep report`;
  return `${Math.floor((100 * (configurations - pending)) / Math.max(1, configurations))} % of ${progress.sweep}`;
}

const panel = document.getElementById(LIVE_ELEMENT);
const root = document.getElementById(ROOT_ELEMENT);
if (panel !== null && root !== null) {
  watchPointer();
  new LivePage(panel, root).connect();
}
