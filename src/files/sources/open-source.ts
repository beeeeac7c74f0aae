import { UserError } from '../../user-error.ts';
import type { DataDestination, DataSource } from './data-source.ts';
import type { Location } from './locate.ts';
import type { S3Environment } from './s3-source.ts';

/** @throws UserError where the environment does not say who asks S3 */
export async function openSource(location: Location, env: S3Environment): Promise<DataSource> {
  if (location.kind !== 'web') return openDestination(location, env);
  const { webSource } = await import('./web-source.ts');
  return webSource(location.url, location.shown);
}

/** @throws UserError for what cannot be written to */
export async function openDestination(location: Location, env: S3Environment): Promise<DataDestination> {
  switch (location.kind) {
    case 'folder': {
      const { folderSource } = await import('./folder-source.ts');
      return folderSource(location.path, location.shown);
    }
    case 's3': {
      // The signer is loaded where somebody asks for it.
      const { s3Source } = await import('./s3-source.ts');
      return s3Source(location.bucket, location.prefix, location.shown, env);
    }
    case 'web':
      throw new UserError(
        `${location.shown}: expected a folder or s3://BUCKET/PREFIX to publish to; a web server is filled by its own means, from a folder`,
      );
  }
}
