import { DataServer } from '../support/data-server.ts';

/**
 * `node serve-data.ts FOLDER BREAKS`: gives a folder out over https on every address of its network, breaks links as often as
 * that in the middle of a file, and says on each line of stdout what a file's content was asked for: from its beginning or not.
 */
const [folder = '', breaks = '0'] = process.argv.slice(2);
const server = await DataServer.start(folder, {
  secure: true,
  host: '0.0.0.0',
  breakAfter: Array.from({ length: Number(breaks) }, () => 150_000),
  answer: (request) => {
    const { url = '', socket, headers } = request;
    if (url.includes('/content/'))
      console.log(`${socket.remoteAddress} ${url} ${headers.range === undefined ? 'whole' : 'rest'}`);
    return false;
  },
});
console.log(`port ${server.port}`);
