// Commands of the real kubectl that mean nothing here. Each says why, and what serves instead.

#include "core/base/text.h"
#include "core/kubectl/command.h"

namespace kubewalk::kubectl::command {

void absent(Run& run) {
    struct Reason {
        std::string_view command;
        std::string_view text;
    };
    static constexpr Reason reasons[] = {
        {"kustomize", "there is no kustomize in this kubectl: apply plain manifests with -f"},
        {"completion", "this terminal completes by itself: press Tab"},
        {"plugin list", "unable to find any kubectl plugins in your PATH"},
        {"kuberc set", "there is no kuberc file here: aliases and default flags cannot be kept"},
        {"kuberc view", "there is no kuberc file here"}};
    for (const auto& reason : reasons)
        if (reason.command == run.command.path)
            return run.fail(std::string(reason.text));
}

}  // namespace kubewalk::kubectl::command
