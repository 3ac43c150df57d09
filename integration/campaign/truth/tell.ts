import { keccak256 } from '@reliable-channels/keccak'
import { claim } from './claim.ts'
import type { Judged } from './judged.ts'
import { excuse, judgeLost, judgeLostSegment, leave } from './lose.ts'
import { type ChannelEvent, isNew } from './receive.ts'
import type { TruthState } from './state.ts'

/**
 * A member was told something, besides what it got. What is told as `redelivered` happened before a restart, and was perhaps
 * told then; if not, it is now.
 */
export function tell(state: TruthState, judged: Judged, event: ChannelEvent): void {
  const { name, memory } = judged
  switch (event.type) {
    case 'reliable:message:sent': {
      const found = state.requests.get(event.requestId)
      if (found === undefined) return state.violate(`${name} was told of a request that nobody made`)
      const { told, id } = found
      if (event.redelivered && told.sent) return
      if (told.sent && !told.again) state.violate(`${name} was told twice that ${id} is sent`)
      if (told.sendError && !told.again && event.late !== true)
        state.violate(`${name} was told that ${id} is sent after an error, not flagged late`)
      told.sent = true
      return
    }
    case 'reliable:message:send-error': {
      const found = state.requests.get(event.requestId)
      if (found === undefined) return
      const { told, id } = found
      if (event.redelivered && told.sendError) return
      if ((told.sendError || told.sent) && !told.again)
        state.violate(`${name} was told an error of ${id}, whose dispatch had ended`)
      told.sendError = true
      return
    }
    case 'reliable:message:delivered': {
      const found = state.requests.get(event.requestId)
      if (found === undefined) return
      const { told, id } = found
      if (event.deliveredTo.length === 0) state.violate(`${name} was told that ${id} is delivered to nobody`)
      for (const to of event.deliveredTo) {
        const member = state.members.get(to)
        if (member === undefined) state.violate(`${id} is delivered to "${to}", who does not exist`)
        else claim(state, judged, id, member)
      }
      if (event.redelivered && told.delivered) return
      state.counts.delivered++
      if (told.delivered && !told.again) state.violate(`${name} was told twice that ${id} is delivered`)
      if (told.deliveryError && !told.again && event.late !== true)
        state.violate(`${name} was told that ${id} is delivered after an error, not flagged late`)
      if (event.again === true && told.withdrawn === undefined)
        state.violate(`${name} was told that ${id} is delivered again, which nobody had lost`)
      told.delivered = true
      told.deliveryError = false
      return
    }
    case 'reliable:message:receipt': {
      const member = state.members.get(event.member)
      const found = state.requests.get(event.requestId)
      if (found === undefined) state.violate(`${name} has a receipt of a request that nobody made`)
      else if (member === undefined)
        state.violate(`${found.id} has a receipt of "${event.member}", who does not exist`)
      else claim(state, judged, found.id, member)
      return
    }
    case 'reliable:message:receipt-withdrawn': {
      const { id, told } = state.requests.get(event.requestId)!
      const { by, deliveredTo } = event
      state.counts.withdrawn++
      if (!told.delivered)
        state.violate(`${name} was told that ${by} has lost ${id}, which was not delivered`)
      if (!state.forgetful.has(by)) state.violate(`${name} was told that ${by} has lost ${id}, who has it`)
      state.claims.withdraw(id, name, by)
      for (const to of deliveredTo) claim(state, judged, id, state.members.get(to)!)
      if (deliveredTo.length > 0) return
      told.delivered = false
      told.withdrawn = judged.lives
      return
    }
    case 'reliable:message:delivery-error': {
      const found = state.requests.get(event.requestId)
      if (found === undefined) return
      const { told, id } = found
      if (event.redelivered && told.deliveryError) return
      state.counts.failed++
      if (state.options.isStrict)
        state.violate(`${name} was told that ${id} is not delivered: ${event.error}`)
      if (told.delivered && !told.again)
        state.violate(`${name} was told that ${id} is not delivered after it was`)
      if (told.deliveryError && !told.again)
        state.violate(`${name} was told twice that ${id} is not delivered`)
      told.deliveryError = true
      return
    }
    case 'diagnostic': {
      if (event.code === 'channel-died')
        return state.violate(`${name}'s channel died: ${String(event.detail.error)}`)
      if (event.code === 'past')
        for (const { messageId } of event.detail.entries) leave(state, judged, messageId)
      // What a newcomer's first ones come after may be of the past, and so later ones do not wait for it.
      if (event.code === 'missing' && memory.has.size === 0 && isNew(state, judged))
        for (const { messageId } of event.detail.entries) {
          const id = state.carriers.idOf(messageId)
          if (id !== undefined) memory.excused.add(id)
        }
      if (event.code !== 'lost') return
      for (const { messageId } of event.detail.entries) {
        state.counts.lost++
        if (state.options.isStrict)
          state.violate(`${name} was told that ${state.carriers.nameOf(messageId)} is lost`)
        judgeLostSegment(state, judged, messageId)
        excuse(state, memory, messageId)
      }
      return
    }
    case 'reliable:message:lost':
      state.counts.lost++
      for (const { id, payload } of state.sent.values())
        if (Buffer.from(keccak256(payload)).toString('hex') === event.payloadHash)
          judgeLost(state, judged, id)
      return
    case 'reliable:message:progress':
      if (event.held === 1) state.begunAt.set(`${name} ${event.payloadHash}`, state.now())
      return
    case 'diagnostic:message-error':
    case 'reliable:message:received':
  }
}
