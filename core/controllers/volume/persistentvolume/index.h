#pragma once
// Which PersistentVolume suits a claim; without side effects.
// Upstream: pkg/controller/volume/persistentvolume/index.go, k8s.io/component-helpers/storage/volume.

#include <optional>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::persistentvolume {

inline constexpr std::string_view bound_by_controller = "pv.kubernetes.io/bound-by-controller";
inline constexpr std::string_view bind_completed = "pv.kubernetes.io/bind-completed";
inline constexpr std::string_view provisioned_by = "pv.kubernetes.io/provisioned-by";
inline constexpr std::string_view storage_provisioner = "volume.kubernetes.io/storage-provisioner";
inline constexpr std::string_view beta_storage_provisioner = "volume.beta.kubernetes.io/storage-provisioner";
inline constexpr std::string_view selected_node = "volume.kubernetes.io/selected-node";

// The class of a claim or a volume: the old annotation, or the field; "" for none.
std::string_view class_of(const Value& object);
// spec.claimRef names this claim (by uid where it says one).
bool is_bound_to(const Value& volume, const Value& claim);
// Why the volume cannot serve the claim that asks for it by name; nothing when it can.
std::optional<std::string> mismatch(const Value& volume, const Value& claim);

// The volume reserved for the claim, or else the smallest that fits. When binding waits for a first consumer,
// only one that is reserved.
enum class Binding : unsigned char { immediate, delayed };
Value best_match(const std::vector<Value>& volumes, const Value& claim, Binding binding);

}  // namespace kubewalk::controllers::persistentvolume
