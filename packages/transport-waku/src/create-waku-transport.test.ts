import type { LightNode } from '@waku/sdk'
import { expect, it, vi } from 'vitest'
import { createWakuTransport } from './create-waku-transport.ts'

const { createLightNode } = vi.hoisted(() => ({ createLightNode: vi.fn<() => Promise<LightNode>>() }))
vi.mock(import('@waku/sdk'), async (original) => ({ ...(await original()), createLightNode }))

it('a node that comes after its signal has aborted is stopped', async () => {
  const stop = vi.fn<() => Promise<void>>(async () => {})
  const { promise, resolve } = Promise.withResolvers<LightNode>()
  createLightNode.mockReturnValue(promise)
  const controller = new AbortController()
  const made = createWakuTransport({ network: 'the-waku-network', signal: controller.signal })
  await vi.waitFor(() => expect(createLightNode).toHaveBeenCalled())
  const enough = new Error('enough')
  controller.abort(enough)
  await expect(made).rejects.toBe(enough)
  resolve({ filter: { unsubscribeAll: () => {} }, stop } as never)
  await vi.waitFor(() => expect(stop).toHaveBeenCalledTimes(1))
})
