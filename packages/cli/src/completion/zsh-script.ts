import type { CommandSpec, OptionSpec, ValueKind } from './completion-spec.ts'

const ACTIONS: Readonly<Record<ValueKind, string>> = { file: '_files', directory: '_files -/', any: '' }

/** A script for zsh. */
export function zshScript(name: string, commands: readonly CommandSpec[]): string {
  const described = commands.map((command) => `    '${command.name}:${command.description}'`)
  return `#compdef ${name}
# Completion of ${name} for zsh: source <(${name} completion zsh)
_${name}() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '--help[print the help]' '--version[print the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _${name} ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}

function commandCase({ name, options, args }: CommandSpec): string {
  const parts = [
    ...options.map(optionPart),
    ...args.map(({ name: what, value, choices }, index) => {
      const action = choices ? `(${choices.join(' ')})` : ACTIONS[value]
      return `'${index + 1}:${what}:${action}'`
    }),
  ]
  return `        ${name}) _arguments ${parts.join(' ')} ;;`
}

function optionPart({ flag, description, value, choices }: OptionSpec): string {
  if (value === undefined) return `'${flag}[${description}]'`
  return `'${flag}[${description}]:${flag.slice(2)}:${choices ? `(${choices.join(' ')})` : ACTIONS[value]}'`
}
