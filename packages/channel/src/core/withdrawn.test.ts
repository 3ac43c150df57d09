import { describe, expect, it } from 'vitest'
import { recorded, opened, acknowledged, withdrawn } from '../../test/recorded-requests.ts'

describe('a request of which somebody has lost what he acknowledged', () => {
  // F10
  it('does not count what he lost, which is sent to him again, and is delivered when he has all of it', () => {
    const { stage, tell, outputs } = recorded()
    tell(opened('a', 2), acknowledged('a:0'))
    expect(tell(withdrawn('a:0'), acknowledged('a:1'))).toEqual(['send-again a'])
    expect(outputs).toEqual([{ type: 'send-again', requestId: 'a', messageId: 'a:0', by: 'bob' }])
    expect(stage.status('a')).toMatchObject({ segments: { acknowledged: 1 }, deliveredTo: [] })
    expect(tell(acknowledged('a:0'))).toEqual(['send-again a', 'delivered a'])
    expect(outputs.at(-1)).toMatchObject({ deliveredTo: ['bob'] })
  })

  // F10
  it('is not delivered any more where he alone had it, and is again when somebody has it', () => {
    const { stage, tell, outputs } = recorded()
    tell(opened('a', 2), acknowledged('a:0'), acknowledged('a:1'))
    expect(tell(withdrawn('a:1'), withdrawn('a:0'))).toEqual(['delivered a', 'send-again a', 'send-again a'])
    expect(stage.status('a')).toMatchObject({ state: 'queued', deliveredTo: [] })
    tell(acknowledged('a:0', 'carol'), acknowledged('a:1', 'carol'))
    expect(outputs.at(-1)).toMatchObject({ type: 'delivered', deliveredTo: ['carol'], again: true })
  })

  it('stays delivered to the others, and is not sent again for that', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 1), acknowledged('a:0'), acknowledged('a:0', 'carol'))
    expect(tell(withdrawn('a:0'))).toEqual(['delivered a'])
    expect(stage.status('a')).toMatchObject({ state: 'delivered', deliveredTo: ['carol'] })
  })

  it('is the same where nobody knew of it, or he was not known to have it', () => {
    const { tell } = recorded()
    tell(opened('a', 1), acknowledged('a:0'))
    expect(tell(withdrawn('a:0', 'carol'), withdrawn('x'))).toEqual(['delivered a'])
  })

  it('is undelivered, and says why, where it cannot be sent again', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 2), acknowledged('a:0'), withdrawn('a:0'))
    tell({ type: 'delivery-failed', messageId: 'a:0', forgotten: true })
    expect(stage.status('a')).toMatchObject({
      state: 'delivery-failed',
      error: 'lost by who had it, and no longer kept',
    })
  })

  it('does not count it after a restart either', () => {
    const before = recorded()
    before.tell(opened('a', 2), acknowledged('a:0'), withdrawn('a:0'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect(after.tell(acknowledged('a:1'))).not.toContain('delivered a')
  })
})
