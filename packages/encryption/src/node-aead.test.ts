import * as nodeCrypto from 'node:crypto'
import { expect, it } from 'vitest'
import { openFrame, sealFrame, xchacha } from './index.ts'
import { findNodeAead } from './node-aead.ts'

const scope = (crypto: unknown): Parameters<typeof findNodeAead>[0] => ({
  process: { getBuiltinModule: () => crypto },
})

it('is found on Node', () => {
  expect(findNodeAead()).toBeDefined()
  expect(findNodeAead(scope(nodeCrypto))).toBeDefined()
})

it.each([
  ['in a browser', {}],
  ['under an older process', { process: {} }],
  ['without the module', scope(undefined)],
  ['with a module that lacks the functions', scope({})],
  [
    'where OpenSSL lacks the cipher',
    scope({
      ...nodeCrypto,
      createCipheriv: () => {
        throw new Error('Unknown cipher')
      },
    }),
  ],
  [
    'where the cipher gives other bytes',
    scope({
      ...nodeCrypto,
      createCipheriv: (name: 'chacha20-poly1305', key: Uint8Array, nonce: Uint8Array) =>
        nodeCrypto.createCipheriv(name, key.toReversed(), nonce, { authTagLength: 16 }),
    }),
  ],
])('is not used %s', (_, where) => {
  expect(findNodeAead(where)).toBeUndefined()
})

it('understands what the portable one sealed, and the other way round', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i * 3)
  const context = { channelId: 'room', contentTopic: '/app/1/room/proto', aad: Uint8Array.of(1, 2) }
  const [fast, portable] = [xchacha({ key }), xchacha({ key, backend: 'portable' })]
  const plain = Uint8Array.from({ length: 5000 }, (_, i) => i)
  expect(openFrame(portable, sealFrame(fast, plain, context) as Uint8Array, context)).toEqual(plain)
  expect(openFrame(fast, sealFrame(portable, plain, context) as Uint8Array, context)).toEqual(plain)
})
