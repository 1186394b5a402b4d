#pragma once
// The Cluster view from far away: thousands of nodes as cells that say how their Pods are, the small map in
// the corner, and the search for what stands where.

#include <string>
#include <vector>

#include "web/ui/canvas.h"
#include "web/ui/cluster_layout.h"

namespace kubewalk::ui {

// Narrower cards on the screen are cells without words; they are found by geometry, not as items.
constexpr float cell_width = 44;

// Only what is in sight. `marked`: cells of a search's hits, in ascending order.
void draw_cells(Ui& ui, const Board& board, const Rect& clip, const ClusterLayout& layout, const std::vector<std::size_t>& marked, const sim::ObjectRef& chosen);
// The card at that point of the board, -1: none. Half the gap around a card is the card's: cells are small targets.
int card_at(const ClusterLayout& layout, Vec point);

// The whole cluster in the corner with what is in sight; true when it was pressed: then `centre` is the
// point of the board to go to. Draws nothing while everything is in sight.
bool draw_minimap(Ui& ui, const Board& board, const Rect& stage, const ClusterLayout& layout, Vec* centre);

struct ClusterHit {
    sim::ObjectRef object;
    Rect box;                 // where on the board; of a Pod that is not placed: its card
    std::size_t server = 0;   // the card it is on; size() of all when it is no Pod
};
// What the words mean, at most 1000; `wanted` is in lower case.
std::vector<ClusterHit> find_in_cluster(const ClusterLayout& layout, const ClusterChoice& choice, const std::string& wanted);

}  // namespace kubewalk::ui
