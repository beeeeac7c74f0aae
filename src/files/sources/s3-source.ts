import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { UserError } from '../../user-error.ts';
import { type DataDestination, LinkBroken } from './data-source.ts';
import { isLoopback } from './locate.ts';
import { refusal, type Sign, send, webSource } from './web-source.ts';

/** What of the environment says who asks S3, and where it is: the names that Amazon's own tools read. */
export type S3Environment = Readonly<Record<string, string | undefined>>;

/** One request puts at most so much: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const MAX_PUT_BYTES = 5 * 2 ** 30;
const ATTEMPTS = 4;

/**
 * Published data in a bucket of S3, or of what speaks as S3 does (`AWS_ENDPOINT_URL`). Requests are signed with Signature
 * Version 4, uploads with the hash of their bytes, so that the server refuses others.
 *
 * @throws UserError where the environment does not say who asks
 */
export function s3Source(bucket: string, prefix: string, name: string, env: S3Environment): DataDestination {
  const accessKeyId = env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) {
    throw new UserError(`data ${name}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`);
  }
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
    service: 's3',
    region,
  });
  const base = new URL(`${bucketUrl(bucket, region, env)}${prefix === '' ? '' : `/${prefix}`}`);
  const sign: Sign = (url, init) => client.sign(url, init);
  const ask = async (method: string, path: string, payloadHash: string, body?: Blob | string): Promise<Response> => {
    const shown = `${name}/${path}`;
    const headers = { 'x-amz-content-sha256': payloadHash };
    const request = await sign(`${base}/${path}`, { method, headers });
    return settled(await send(request, shown, new AbortController().signal, body), shown, method);
  };
  return {
    ...webSource(base, name, sign),
    has: async (path, { size }) => {
      const response = await again(() => ask('HEAD', path, sha256Of('')));
      return response.ok && Number(response.headers.get('content-length')) === size;
    },
    putFile: async (path, from, { size, sha256 }) => {
      if (size > MAX_PUT_BYTES) throw new UserError(`${from}: S3 takes at most 5 GiB a file. Publish it to a folder`);
      const blob = await openAsBlob(from);
      if (blob.size !== size) throw new UserError(`${from}: was changed while it was published. Publish it again`);
      await again(() => ask('PUT', path, sha256, blob));
    },
    putText: async (path, text) => {
      await again(() => ask('PUT', path, sha256Of(text), text));
    },
  };
}

/** Amazon's own by the bucket's host name; others by path, since they seldom have names for buckets. */
function bucketUrl(bucket: string, region: string, env: S3Environment): string {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  if (!endpoint) {
    // The certificate of a bucket's own name covers one label.
    return bucket.includes('.')
      ? `https://s3.${region}.amazonaws.com/${bucket}`
      : `https://${bucket}.s3.${region}.amazonaws.com`;
  }
  if (!URL.canParse(endpoint))
    throw new UserError('AWS_ENDPOINT_URL: expected a URL such as https://minio.example.org');
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '')
    throw new UserError('AWS_ENDPOINT_URL: expected no user or password in it');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new UserError(
      `AWS_ENDPOINT_URL: expected https://, got ${url.protocol}//${url.host}; plain http is taken from this machine alone`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/${bucket}`;
}

function settled(response: Response, shown: string, method: string): Response {
  if (response.ok || (method === 'HEAD' && response.status === 404)) return response;
  throw refusal(response, shown);
}

/** Once more, and more slowly, where a link broke or the server was busy. */
async function again(work: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await work();
      await response.body?.cancel();
      return response;
    } catch (error) {
      if (!(error instanceof LinkBroken)) throw error;
      if (attempt === ATTEMPTS) throw new UserError(`data ${error.message}`, { cause: error });
      await sleep(250 * 4 ** attempt);
    }
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
