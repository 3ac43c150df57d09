#!/usr/bin/env bash
#
# Of a value and the answer to it, all but the first subscriber hear the answer first.
#
# Seen with: rxjs 7.8.2 on Node 20.20.2 and 24.21.0.
#
# A Subject tells its subscribers one after the other. One would expect each to hear the values in the order in which they were
# given. But when a subscriber gives the next value while he is told of one, as who retries, replies or moves a state on does,
# that value goes to all at once, before the others have heard the first. So they hear the answer, then the question. Of a
# `BehaviorSubject` they are left with the older state for good, while `value` and whoever subscribes later have the newer;
# `distinctUntilChanged` does not help.
#
# Whoever answers from within a subscription sends the answer through `observeOn(queueScheduler)`, or on a later turn.
#
# Output:
#   Subject: the second subscriber hears answer,question
#   BehaviorSubject: the state is connecting, the second subscriber was last told lost
#   through the queue: the second subscriber hears question,answer
#
# Exit status: 0 as seen, 1 it behaves in another way, 2 it could not be tried.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >npm.log 2>&1 || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts rxjs@7.8.2 >npm.log 2>&1 || {
  cat npm.log >&2
  exit 2
}

cat >run.mjs <<'JS'
import { BehaviorSubject, Subject, observeOn, queueScheduler } from 'rxjs'

{
  const messages = new Subject()
  const heard = []
  messages.subscribe((message) => message === 'question' && messages.next('answer'))
  messages.subscribe((message) => heard.push(message))
  messages.next('question')
  console.log(`Subject: the second subscriber hears ${heard}`)
}
{
  const state = new BehaviorSubject('connected')
  let shown
  state.subscribe((now) => now === 'lost' && state.next('connecting'))
  state.subscribe((now) => (shown = now))
  state.next('lost')
  console.log(`BehaviorSubject: the state is ${state.value}, the second subscriber was last told ${shown}`)
}
{
  const messages = new Subject()
  const inTurn = messages.pipe(observeOn(queueScheduler))
  const heard = []
  inTurn.subscribe((message) => message === 'question' && messages.next('answer'))
  inTurn.subscribe((message) => heard.push(message))
  queueScheduler.schedule(() => messages.next('question'))
  console.log(`through the queue: the second subscriber hears ${heard}`)
}
JS

cat >expected <<'TEXT'
Subject: the second subscriber hears answer,question
BehaviorSubject: the state is connecting, the second subscriber was last told lost
through the queue: the second subscriber hears question,answer
TEXT

timeout 60 node run.mjs >seen 2>errors || cat errors >&2
cat seen
diff expected seen >&2 || exit 1
