import { useEffect, useState } from 'preact/hooks';

export type Theme = 'light' | 'dark';

/** What a canvas draws with; everything else takes the same colours from the style sheet. */
export type Colours = Readonly<Record<'good' | 'doubt' | 'rest' | 'ink' | 'soft' | 'line' | 'paper', string>>;

function themeNow(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

/** The theme, also when the reader or the system changes it. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => {
    const refresh = () => setTheme(themeNow());
    const system = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(refresh);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    system.addEventListener('change', refresh);
    return () => {
      observer.disconnect();
      system.removeEventListener('change', refresh);
    };
  }, []);
  return theme;
}

export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    good: of('good-mark'),
    doubt: of('doubt-mark'),
    rest: of('rest'),
    ink: of('ink'),
    soft: of('soft'),
    line: of('line'),
    paper: of('paper'),
  };
}
