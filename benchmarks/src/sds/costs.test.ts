import * as core from '@reliable-channels/sds/core'
import { expect, it } from 'vitest'
import { namingMany, reversedUs } from './costs.ts'
import { Ours } from './ours.ts'

// One turn delivers no more than 128.
it('a thousand messages that come the other way around are all delivered, each after those before it', async () => {
  const ours = new Ours(core)
  const wires = namingMany(ours)
  const { order } = await reversedUs(ours, wires, 0)
  expect(order).toEqual(wires.map((wire) => core.decodeMessage(wire).message!.messageId))
})
