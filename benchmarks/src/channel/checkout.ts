import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The packages of a checkout that the cases use: its channel, and the parts beside which it is held. */
export interface Library {
  readonly channel: typeof import('@reliable-channels/channel')
  readonly encryption: typeof import('@reliable-channels/encryption')
  readonly sds: typeof import('@reliable-channels/sds/core')
  /** Not in older checkouts, whose stages always return what is to be stored. */
  readonly records: typeof import('@reliable-channels/sds/records') | undefined
  readonly segmentation: typeof import('@reliable-channels/segmentation')
  readonly store: typeof import('@reliable-channels/store')
  readonly rxjs: typeof import('rxjs')
}

/** Loads the sources of the checkout in `folder`, whose dependencies are installed; nothing of it need be built. */
export async function loadLibrary(folder: string): Promise<Library> {
  const load = async <T>(path: string): Promise<T> =>
    (await import(pathToFileURL(join(folder, 'packages', path)).href)) as T
  // Its own, so that all observables are of one kind.
  const rxjs = createRequire(join(folder, 'packages/channel/package.json')).resolve('rxjs')
  return {
    channel: await load('channel/src/index.ts'),
    encryption: await load('encryption/src/index.ts'),
    sds: await load('sds/src/core.ts'),
    records: existsSync(join(folder, 'packages/sds/src/records.ts'))
      ? await load('sds/src/records.ts')
      : undefined,
    segmentation: await load('segmentation/src/index.ts'),
    store: await load('store/src/index.ts'),
    rxjs: (await import(pathToFileURL(rxjs).href)) as Library['rxjs'],
  }
}
