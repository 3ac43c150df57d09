import { describe, expect, it } from 'vitest'

import { letProcessEnd } from './let-process-end.ts'

interface Channel {
  keepsAlive: boolean
  unref?(): unknown
}

/** A platform whose channels keep its process alive, as those of Deno, unless `unref` is called. */
function platform({ hasNode = true } = {}) {
  const prototype = {} as Channel
  const unref = function (this: Channel): void {
    this.keepsAlive = false
  }
  const modules: Record<string, unknown> = {
    'node:worker_threads': { BroadcastChannel: { prototype: { unref } } },
  }
  return {
    BroadcastChannel: { prototype },
    ...(hasNode && { process: { getBuiltinModule: (name: string) => modules[name] } }),
    open: (): Channel => Object.assign(Object.create(prototype) as Channel, { keepsAlive: true }),
  }
}

describe('letting a process end', () => {
  it('gives channels the method that Deno has only in a module of Node.js', () => {
    const scope = platform()
    const channel = scope.open()
    channel.unref?.()
    expect(channel.keepsAlive).toBe(true)
    letProcessEnd(scope)
    // A second call, as of a second node, changes nothing.
    letProcessEnd(scope)
    channel.unref?.()
    expect(channel.keepsAlive).toBe(false)
    expect(Object.keys(scope.BroadcastChannel.prototype)).toEqual([])
  })

  it('leaves a method that is there, a page, and a platform without channels as they are', () => {
    const scope = platform()
    const unref = (): string => 'of the platform'
    scope.BroadcastChannel.prototype.unref = unref
    letProcessEnd(scope)
    expect(scope.BroadcastChannel.prototype.unref).toBe(unref)
    const page = platform({ hasNode: false })
    letProcessEnd(page)
    expect('unref' in page.BroadcastChannel.prototype).toBe(false)
    expect(() => letProcessEnd({})).not.toThrow()
    const before = Object.getOwnPropertyDescriptors(BroadcastChannel.prototype)
    letProcessEnd()
    expect(Object.getOwnPropertyDescriptors(BroadcastChannel.prototype)).toEqual(before)
  })
})
