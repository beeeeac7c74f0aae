import { createHash, createHmac } from 'node:crypto';

/** A request as a server sees it. */
export type SeenRequest = {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Keys = { readonly id: string; readonly secret: string; readonly region: string };

/**
 * The signature of an S3 request by Signature Version 4, from what was sent alone: this is not how the program makes its
 * own. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signatureOf({ method, target, headers }: SeenRequest, keys: Keys): string {
  const [path = '/', query = ''] = target.split('?');
  const signed = signedHeaders(headers);
  const canonicalQuery = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`))
    .sort()
    .join('&');
  const lines = signed.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`).join('');
  const canonical = [method, path, canonicalQuery, lines, signed.join(';'), headers['x-amz-content-sha256']].join('\n');
  const time = headers['x-amz-date'] ?? '';
  const day = time.slice(0, 8);
  const scope = `${day}/${keys.region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, keys.region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${keys.secret}`);
  return hmac(key, toSign).toString('hex');
}

/** Whether a request was signed with these keys, and all that has to be signed was. */
export function isSigned(request: SeenRequest, keys: Keys): boolean {
  const { authorization = '' } = request.headers;
  const day = (request.headers['x-amz-date'] ?? '').slice(0, 8);
  const credential = `Credential=${keys.id}/${day}/${keys.region}/s3/aws4_request`;
  const signed = signedHeaders(request.headers);
  return (
    authorization.includes(credential) &&
    ['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => signed.includes(name)) &&
    authorization.endsWith(`Signature=${signatureOf(request, keys)}`)
  );
}

function signedHeaders(headers: Readonly<Record<string, string>>): string[] {
  return (/SignedHeaders=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ?? '').split(';');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
