#include <set>

#include "base/format.h"
#include "cli/commands.h"

namespace millrace::cli {

Status RunCompletion(CommandContext& context) {
  const std::string shell = context.arguments.Text("SHELL");
  if (shell != "bash" && shell != "zsh") {
    return InvalidSpec(Format("completion: no script for this shell: \"{}\"", shell))
        .WithHint("bash or zsh");
  }
  std::set<std::string> first;
  std::string cases;
  for (const Command& command : AllCommands()) {
    const std::string name(command.name);
    const size_t space = name.find(' ');
    first.insert(name.substr(0, space));
    std::string options = "--json --help -C";
    for (const ArgumentSpec& spec : command.arguments) {
      if (spec.kind != ArgumentSpec::Kind::kPositional) options += " " + std::string(spec.name);
    }
    cases += Format("    \"{}\"*) words=\"{}\" ;;\n", name, options);
  }
  std::string names;
  for (const std::string& name : first) names += (names.empty() ? "" : " ") + name;
  std::string script;
  if (shell == "zsh") script += "autoload -Uz bashcompinit && bashcompinit\n";
  script += Format(
      "_millrace() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" line=\"${{COMP_WORDS[*]:1}}\" words=\"\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"{}\" -- \"$current\")); return\n"
      "  fi\n"
      "  case \"$line\" in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\") $(compgen -f -- \"$current\"))\n"
      "}}\n"
      "complete -F _millrace millrace\n",
      names, cases);
  context.output.Text(script);
  context.output.Document(json::Json::Of({{"script", script}}));
  return {};
}

}  // namespace millrace::cli
