/** What tests use of playwright-core, whose own types are there only once the tests' packages are installed. */

export type Chromium = {
  launch(options: {
    readonly executablePath: string;
    readonly headless: boolean;
    readonly args: readonly string[];
  }): Promise<Browser>;
};

export type Browser = {
  newContext(options?: ContextOptions): Promise<Context>;
  close(): Promise<void>;
};

export type ContextOptions = {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly acceptDownloads?: boolean;
};

export type Context = {
  newPage(): Promise<Page>;
  close(): Promise<void>;
};

export type Page = {
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: {
    move(x: number, y: number, options?: { readonly steps: number }): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
  };
  goto(url: string): Promise<unknown>;
  goBack(): Promise<unknown>;
  evaluate<T>(run: (() => T | Promise<T>) | string): Promise<T>;
  evaluate<T, A>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  waitForSelector(
    selector: string,
    options?: { readonly timeout?: number; readonly state?: 'attached' },
  ): Promise<unknown>;
  waitForFunction<A>(
    is: (argument: A) => unknown,
    argument: A,
    options?: { readonly timeout: number },
  ): Promise<unknown>;
  waitForEvent(name: 'download'): Promise<Download>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  focus(selector: string): Promise<void>;
  textContent(selector: string): Promise<string | null>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  screenshot(options: {
    readonly timeout: number;
    readonly fullPage?: boolean;
    readonly path?: string;
  }): Promise<Buffer>;
  emulateMedia(options: { readonly media: 'print' | null }): Promise<void>;
  pdf(options: { readonly preferCSSPageSize: boolean }): Promise<Buffer>;
  on(name: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(name: 'pageerror', listener: (error: Error) => void): void;
  on(name: 'request', listener: (request: { url(): string }) => void): void;
};

export type Download = { suggestedFilename(): string; path(): Promise<string> };
