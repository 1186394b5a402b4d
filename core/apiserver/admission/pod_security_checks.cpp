#include "core/apiserver/admission/pod_security_checks.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

using NameList = std::vector<std::string>;

std::string quoted_list(const NameList& names) {
    NameList texts;
    for (const auto& name : names)
        texts.push_back(quoted(name));
    return join(texts, ", ");
}

// `container "a"`, `containers "a", "b"`.
std::string containers_text(const NameList& names) { return cat(names.size() == 1 ? "container " : "containers ", quoted_list(names)); }

bool one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
}

// What a check sees: the spec, and who broke it.
class Check {
public:
    Check(const Value& spec, std::vector<Violation>& out) : spec_(spec), out_(out) {}

    void baseline(bool restricted) {
        host_namespaces();
        if (!restricted) {
            capabilities_baseline();
            host_path_volumes();
        }
        host_ports();
        privileged();
        proc_mount();
        if (!restricted)
            seccomp_baseline();
        se_linux();
        sysctls();
    }
    void restricted() {
        privilege_escalation();
        capabilities_restricted();
        volume_types();
        run_as_non_root();
        run_as_user();
        seccomp_restricted();
    }

private:
    template <typename Visit>
    void each_container(Visit visit) const {
        for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"})
            for (const auto& container : spec_[list].items())
                visit(container, container["securityContext"]);
    }
    template <typename Bad>
    NameList containers_where(Bad bad) const {
        NameList names;
        each_container([&](const Value& container, const Value& context) {
            if (bad(container, context))
                names.push_back(container["name"].str());
        });
        return names;
    }
    void violated(std::string reason, std::string detail) { out_.push_back({std::move(reason), std::move(detail)}); }

    void host_namespaces() {
        NameList set;
        for (const std::string_view field : {"hostNetwork", "hostPID", "hostIPC"})
            if (spec_[field].as_bool())
                set.push_back(cat(field, "=true"));
        if (!set.empty())
            violated("host namespaces", join(set, ", "));
    }
    void host_path_volumes() {
        NameList names;
        for (const auto& volume : spec_["volumes"].items())
            if (!volume["hostPath"].is_null())
                names.push_back(volume["name"].str());
        if (!names.empty())
            violated("hostPath volumes", cat(names.size() == 1 ? "volume " : "volumes ", quoted_list(names)));
    }
    void host_ports() {
        std::set<std::string> ports;
        const auto names = containers_where([&](const Value& container, const Value&) {
            bool bad = false;
            for (const auto& port : container["ports"].items())
                if (port["hostPort"].as_int() != 0) {
                    bad = true;
                    ports.insert(cat(port["hostPort"].as_int()));
                }
            return bad;
        });
        if (!names.empty())
            violated("hostPort", cat(containers_text(names), names.size() == 1 ? " uses " : " use ", ports.size() == 1 ? "hostPort " : "hostPorts ",
                                     join({ports.begin(), ports.end()}, ", ")));
    }
    void privileged() {
        const auto names = containers_where([](const Value&, const Value& context) { return context["privileged"].as_bool(); });
        if (!names.empty())
            violated("privileged", cat(containers_text(names), " must not set securityContext.privileged=true"));
    }
    void proc_mount() {
        std::set<std::string> values;
        const auto names = containers_where([&](const Value&, const Value& context) {
            const auto mount = context["procMount"].as_string("Default");
            if (mount != "Default")
                values.insert(std::string(mount));
            return mount != "Default";
        });
        if (!names.empty())
            violated("procMount", cat(containers_text(names), " must not set securityContext.procMount to ", quoted_list({values.begin(), values.end()})));
    }
    void capabilities_baseline() {
        std::set<std::string> added;
        const auto names = containers_where([&](const Value&, const Value& context) {
            bool bad = false;
            for (const auto& capability : context["capabilities"]["add"].items())
                if (!one_of(capability.as_string(), {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
                                                     "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"})) {
                    bad = true;
                    added.insert(capability.str());
                }
            return bad;
        });
        if (!names.empty())
            violated("non-default capabilities",
                     cat(containers_text(names), " must not include ", quoted_list({added.begin(), added.end()}), " in securityContext.capabilities.add"));
    }
    void capabilities_restricted() {
        const auto keeping = containers_where([](const Value&, const Value& context) {
            for (const auto& capability : context["capabilities"]["drop"].items())
                if (capability.as_string() == "ALL")
                    return false;
            return true;
        });
        std::set<std::string> added;
        const auto adding = containers_where([&](const Value&, const Value& context) {
            bool bad = false;
            for (const auto& capability : context["capabilities"]["add"].items())
                if (capability.as_string() != "NET_BIND_SERVICE") {
                    bad = true;
                    added.insert(capability.str());
                }
            return bad;
        });
        NameList details;
        if (!keeping.empty())
            details.push_back(cat(containers_text(keeping), " must set securityContext.capabilities.drop=[\"ALL\"]"));
        if (!adding.empty())
            details.push_back(cat(containers_text(adding), " must not include ", quoted_list({added.begin(), added.end()}), " in securityContext.capabilities.add"));
        if (!details.empty())
            violated("unrestricted capabilities", join(details, "; "));
    }
    void privilege_escalation() {
        const auto names = containers_where([](const Value&, const Value& context) { return context["allowPrivilegeEscalation"].as_bool(true); });
        if (!names.empty())
            violated("allowPrivilegeEscalation != false", cat(containers_text(names), " must set securityContext.allowPrivilegeEscalation=false"));
    }
    void volume_types() {
        NameList names;
        std::set<std::string> types;
        for (const auto& volume : spec_["volumes"].items())
            for (const auto& [type, source] : volume.members())
                if (type != "name" && !source.is_null() &&
                    !one_of(type, {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"})) {
                    names.push_back(volume["name"].str());
                    types.insert(type);
                }
        if (!names.empty())
            violated("restricted volume types", cat(names.size() == 1 ? "volume " : "volumes ", quoted_list(names), names.size() == 1 ? " uses " : " use ",
                                                    types.size() == 1 ? "restricted volume type " : "restricted volume types ",
                                                    quoted_list({types.begin(), types.end()})));
    }
    void run_as_non_root() {
        const Value& pod = spec_["securityContext"]["runAsNonRoot"];
        const auto refusing = containers_where([](const Value&, const Value& context) { return context["runAsNonRoot"].is_bool() && !context["runAsNonRoot"].as_bool(); });
        const auto silent = containers_where([](const Value&, const Value& context) { return !context["runAsNonRoot"].is_bool(); });
        NameList details;
        if (pod.is_bool() && !pod.as_bool() && !silent.empty())
            details.emplace_back("pod must not set securityContext.runAsNonRoot=false");
        if (!refusing.empty())
            details.push_back(cat(containers_text(refusing), " must not set securityContext.runAsNonRoot=false"));
        if (details.empty() && !pod.is_bool() && !silent.empty())
            details.push_back(cat("pod or ", containers_text(silent), " must set securityContext.runAsNonRoot=true"));
        if (!details.empty())
            violated("runAsNonRoot != true", join(details, "; "));
    }
    void run_as_user() {
        const auto zero = [](const Value& context) { return context["runAsUser"].is_int() && context["runAsUser"].as_int() == 0; };
        const auto names = containers_where([&](const Value&, const Value& context) { return zero(context); });
        NameList details;
        if (zero(spec_["securityContext"]))
            details.emplace_back("pod must not set runAsUser=0");
        if (!names.empty())
            details.push_back(cat(containers_text(names), " must not set runAsUser=0"));
        if (!details.empty())
            violated("runAsUser=0", join(details, " and "));
    }
    // Who sets a profile that is none; their values too.
    NameList bad_profiles(std::set<std::string>& values) const {
        NameList setters;
        const auto bad = [&](const Value& context) {
            const auto type = context["seccompProfile"]["type"].as_string();
            if (type.empty() || type == "RuntimeDefault" || type == "Localhost")
                return false;
            values.insert(std::string(type));
            return true;
        };
        if (bad(spec_["securityContext"]))
            setters.emplace_back("pod");
        const auto names = containers_where([&](const Value&, const Value& context) { return bad(context); });
        if (!names.empty())
            setters.push_back(containers_text(names));
        return setters;
    }
    void seccomp_baseline() {
        std::set<std::string> values;
        if (const auto setters = bad_profiles(values); !setters.empty())
            violated("seccompProfile", cat(join(setters, " and "), " must not set securityContext.seccompProfile.type to ", quoted_list({values.begin(), values.end()})));
    }
    void seccomp_restricted() {
        std::set<std::string> values;
        const auto setters = bad_profiles(values);
        if (!setters.empty())
            return violated("seccompProfile", cat(join(setters, " and "), " must not set securityContext.seccompProfile.type to ", quoted_list({values.begin(), values.end()})));
        if (!spec_["securityContext"]["seccompProfile"]["type"].as_string().empty())
            return;
        const auto silent = containers_where([](const Value&, const Value& context) { return context["seccompProfile"]["type"].as_string().empty(); });
        if (!silent.empty())
            violated("seccompProfile", cat("pod or ", containers_text(silent), " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\""));
    }
    void se_linux() {
        std::set<std::string> types;
        bool user = false, role = false;
        const auto bad = [&](const Value& context) {
            const Value& options = context["seLinuxOptions"];
            const auto type = options["type"].as_string();
            const bool bad_type = !one_of(type, {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"});
            if (bad_type)
                types.insert(std::string(type));
            user = user || !options["user"].as_string().empty();
            role = role || !options["role"].as_string().empty();
            return bad_type || !options["user"].as_string().empty() || !options["role"].as_string().empty();
        };
        NameList setters;
        if (bad(spec_["securityContext"]))
            setters.emplace_back("pod");
        const auto names = containers_where([&](const Value&, const Value& context) { return bad(context); });
        if (!names.empty())
            setters.push_back(containers_text(names));
        if (setters.empty())
            return;
        NameList values;
        if (!types.empty())
            values.push_back(cat(types.size() == 1 ? "type " : "types ", quoted_list({types.begin(), types.end()})));
        if (user)
            values.emplace_back("user may not be set");
        if (role)
            values.emplace_back("role may not be set");
        violated("seLinuxOptions", cat(join(setters, " and "), " set forbidden securityContext.seLinuxOptions: ", join(values, "; ")));
    }
    void sysctls() {
        NameList names;
        for (const auto& sysctl : spec_["securityContext"]["sysctls"].items())
            if (!one_of(sysctl["name"].as_string(), {"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
                                                     "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
                                                     "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem",
                                                     "net.ipv4.tcp_wmem"}))
                names.push_back(sysctl["name"].str());
        if (!names.empty())
            violated("forbidden sysctls", join(names, ", "));
    }

    const Value& spec_;
    std::vector<Violation>& out_;
};

}  // namespace

std::vector<Violation> check_pod_security(std::string_view level, const Value& pod_spec) {
    std::vector<Violation> violations;
    if (level != "baseline" && level != "restricted")
        return violations;
    Check check(pod_spec, violations);
    check.baseline(level == "restricted");
    if (level == "restricted")
        check.restricted();
    return violations;
}

}  // namespace kubewalk::apiserver
