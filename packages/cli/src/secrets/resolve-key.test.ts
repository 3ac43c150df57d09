import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hexOf } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import { testHost } from '../../test/test-host.ts'
import { placeOfChannel } from '../channel-name.ts'
import { resolveKey } from './resolve-key.ts'

const KEY = new Uint8Array(32).fill(171)
const DIGITS = hexOf(KEY)

describe('the key of a channel', () => {
  it('is what stands on the command line, in a file, or in the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rc-key-'))
    const file = join(folder, 'key')
    writeFileSync(file, `${DIGITS.toUpperCase()}\n`)
    const none = testHost()
    expect(await resolveKey({ key: DIGITS }, undefined, none)).toEqual(KEY)
    expect(await resolveKey({ key: `@${file}` }, undefined, none)).toEqual(KEY)
    expect(await resolveKey({}, undefined, testHost({ RC_KEY: DIGITS }))).toEqual(KEY)
    expect(await resolveKey({}, undefined, none)).toBeUndefined()
    rmSync(folder, { recursive: true })
  })

  it('follows from words and the name of the channel, another one for each', async () => {
    const of = (channel: string) => resolveKey({ passphrase: 'open sesame' }, channel, testHost())
    const lobby = await of('lobby')
    expect(lobby).toHaveLength(32)
    expect(await of('lobby')).toEqual(lobby)
    expect(await of('kitchen')).not.toEqual(lobby)
    expect(await resolveKey({}, 'lobby', testHost({ RC_PASSPHRASE: 'open sesame' }))).toEqual(lobby)
  })
})

describe('the content topic of a channel', () => {
  it('follows from its name, unless another is given', () => {
    const { contentTopic } = placeOfChannel('lobby')
    expect(contentTopic).toBe('/reliable-channels-cli/1/lobby/proto')
    expect(placeOfChannel('kitchen').contentTopic).not.toBe(contentTopic)
    expect(placeOfChannel('lobby', '/app/1/chat/proto')).toEqual({
      channelId: 'lobby',
      contentTopic: '/app/1/chat/proto',
    })
  })
})
