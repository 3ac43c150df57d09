import type { IDecodedMessage, IDecoder, IEncoder, LightNode } from '@waku/sdk'
import { type Observable, type Subject, concatMap } from 'rxjs'

/** Carries segments over a light node; the README of segmentation quotes it, and it needs a network to run. */
export async function overLightPush(
  node: LightNode,
  encoder: IEncoder,
  decoder: IDecoder<IDecodedMessage>,
  segments$: Observable<{ readonly payload: Uint8Array }>,
  wire$: Subject<Uint8Array>,
): Promise<void> {
  // #region wire
  segments$.pipe(concatMap(({ payload }) => node.lightPush.send(encoder, { payload }))).subscribe()
  await node.filter.subscribe(decoder, ({ payload }) => wire$.next(payload))
  // #endregion
}
