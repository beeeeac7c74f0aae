import type { Piece, Words } from '../../page-data/report.ts';
import { configurationHash } from './route.ts';

/** A sentence; its doubts and strengths have a weight beside their colour, configurations lead to their own pages. */
export function Sentence({ words }: { readonly words: Words }) {
  return words.map((piece, i) => <PieceText key={i} piece={piece} />);
}

function PieceText({ piece: { text, tone, configuration } }: { readonly piece: Piece }) {
  if (configuration !== undefined) {
    return (
      <a class="id" href={configurationHash(configuration)}>
        {text}
      </a>
    );
  }
  return tone === undefined ? text : <strong class={`tone-${tone}`}>{text}</strong>;
}
