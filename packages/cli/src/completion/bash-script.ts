import type { CommandSpec } from './completion-spec.ts'

/** A script for bash, which needs nothing but bash 4. */
export function bashScript(name: string, commands: readonly CommandSpec[]): string {
  const names = commands.map((command) => command.name)
  return `# Completion of ${name} for bash: source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  COMPREPLY=()
  case $command in
    '') mapfile -t COMPREPLY < <(compgen -W '${[...names, '--help', '--version'].join(' ')}' -- "$cur") ;;
${commands.map(commandCase).join('\n')}
  esac
}
# Where there is nothing to complete, bash completes names of files.
complete -o default -F _${name} ${name}
`
}

function commandCase({ name, options, args }: CommandSpec): string {
  const flags = options.map(({ flag }) => flag).join(' ')
  const directories = options.filter(({ value }) => value === 'directory').map(({ flag }) => flag)
  const choices = args[0]?.choices
  const lines = [
    ...(directories.length > 0
      ? [`case $prev in ${directories.join('|')}) compopt -o dirnames; return ;; esac`]
      : []),
    `case $cur in -*) mapfile -t COMPREPLY < <(compgen -W '${flags}' -- "$cur"); return ;; esac`,
    ...(choices ? [`mapfile -t COMPREPLY < <(compgen -W '${choices.join(' ')}' -- "$cur")`] : []),
  ]
  return `    ${name})\n${lines.map((line) => `      ${line}`).join('\n')} ;;`
}
