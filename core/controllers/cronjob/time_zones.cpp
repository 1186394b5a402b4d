#include "core/controllers/cronjob/time_zones.h"

#include <cstdio>

#include "core/base/text.h"

namespace kubewalk::controllers::cronjob {

namespace {

enum Rule : unsigned char { fixed, europe, america, australia, new_zealand };

// Standard time in minutes east of Greenwich; the names that share it.
struct Zones {
    int minutes;
    Rule rule;
    std::string_view names;
};
constexpr Zones table[] = {
    {0, fixed, "UTC Etc/UTC GMT Etc/GMT Etc/Zulu Zulu UCT Etc/UCT Universal Africa/Abidjan Africa/Accra Africa/Dakar Atlantic/Reykjavik Iceland"},
    {0, europe, "Europe/London Europe/Dublin Europe/Lisbon GB Portugal WET"},
    {60, europe,
     "Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest "
     "Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta "
     "Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino "
     "Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna "
     "Europe/Warsaw Europe/Zagreb Europe/Zurich Africa/Ceuta Arctic/Longyearbyen Poland CET MET"},
    {60, fixed, "Africa/Lagos Africa/Algiers Africa/Tunis Africa/Kinshasa Africa/Luanda Etc/GMT-1"},
    {120, europe,
     "Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Riga Europe/Sofia "
     "Europe/Tallinn Europe/Vilnius Asia/Nicosia EET"},
    {120, fixed, "Africa/Johannesburg Africa/Maputo Africa/Harare Africa/Lusaka Africa/Kigali Africa/Tripoli Europe/Kaliningrad Etc/GMT-2"},
    {180, fixed,
     "Europe/Moscow Europe/Istanbul Europe/Minsk Turkey Asia/Istanbul Asia/Riyadh Asia/Baghdad Asia/Qatar Asia/Kuwait Asia/Amman "
     "Asia/Damascus Africa/Nairobi Africa/Addis_Ababa Etc/GMT-3"},
    {210, fixed, "Asia/Tehran Iran"},
    {240, fixed, "Asia/Dubai Asia/Baku Asia/Tbilisi Asia/Yerevan Asia/Muscat Europe/Samara Indian/Mauritius Etc/GMT-4"},
    {270, fixed, "Asia/Kabul"},
    {300, fixed, "Asia/Karachi Asia/Tashkent Asia/Almaty Asia/Yekaterinburg Indian/Maldives Etc/GMT-5"},
    {330, fixed, "Asia/Kolkata Asia/Calcutta Asia/Colombo"},
    {345, fixed, "Asia/Kathmandu Asia/Katmandu"},
    {360, fixed, "Asia/Dhaka Asia/Omsk Asia/Bishkek Asia/Urumqi Etc/GMT-6"},
    {390, fixed, "Asia/Yangon Asia/Rangoon"},
    {420, fixed, "Asia/Bangkok Asia/Jakarta Asia/Ho_Chi_Minh Asia/Saigon Asia/Novosibirsk Asia/Krasnoyarsk Etc/GMT-7"},
    {480, fixed,
     "Asia/Shanghai Asia/Chongqing Asia/Harbin PRC Asia/Hong_Kong Hongkong Asia/Macau Asia/Taipei ROC Asia/Singapore "
     "Singapore Asia/Kuala_Lumpur Asia/Manila Asia/Irkutsk Asia/Ulaanbaatar Australia/Perth Etc/GMT-8"},
    {540, fixed, "Asia/Tokyo Japan Asia/Seoul ROK Asia/Pyongyang Asia/Yakutsk Etc/GMT-9"},
    {570, australia, "Australia/Adelaide Australia/South"},
    {570, fixed, "Australia/Darwin Australia/North"},
    {600, australia, "Australia/Sydney Australia/Melbourne Australia/Hobart Australia/Canberra Australia/ACT Australia/NSW Australia/Victoria"},
    {600, fixed, "Australia/Brisbane Australia/Queensland Asia/Vladivostok Pacific/Guam Pacific/Port_Moresby Etc/GMT-10"},
    {660, fixed, "Asia/Magadan Pacific/Guadalcanal Pacific/Noumea Etc/GMT-11"},
    {720, new_zealand, "Pacific/Auckland NZ Antarctica/McMurdo"},
    {720, fixed, "Pacific/Fiji Asia/Kamchatka Etc/GMT-12"},
    {-60, fixed, "Atlantic/Cape_Verde Etc/GMT+1"},
    {-180, fixed,
     "America/Sao_Paulo Brazil/East America/Buenos_Aires America/Argentina/Buenos_Aires America/Bahia America/Montevideo "
     "America/Fortaleza Etc/GMT+3"},
    {-210, america, "America/St_Johns Canada/Newfoundland"},
    {-240, america, "America/Halifax Canada/Atlantic Atlantic/Bermuda"},
    {-240, fixed, "America/Caracas America/La_Paz America/Manaus America/Puerto_Rico America/Santo_Domingo Etc/GMT+4"},
    {-300, america,
     "America/New_York US/Eastern EST5EDT America/Toronto Canada/Eastern America/Detroit America/Montreal "
     "America/Indiana/Indianapolis America/Kentucky/Louisville America/Nassau"},
    {-300, fixed, "America/Bogota America/Lima America/Panama America/Jamaica America/Cancun EST Etc/GMT+5"},
    {-360, america, "America/Chicago US/Central CST6CDT America/Winnipeg Canada/Central America/Menominee"},
    {-360, fixed, "America/Mexico_City America/Costa_Rica America/Guatemala America/El_Salvador America/Regina America/Monterrey Etc/GMT+6"},
    {-420, america, "America/Denver US/Mountain MST7MDT America/Edmonton Canada/Mountain America/Boise"},
    {-420, fixed, "America/Phoenix US/Arizona MST Etc/GMT+7"},
    {-480, america, "America/Los_Angeles US/Pacific PST8PDT America/Vancouver Canada/Pacific America/Tijuana"},
    {-540, america, "America/Anchorage US/Alaska"},
    {-600, fixed, "Pacific/Honolulu US/Hawaii HST Etc/GMT+10"},
};

constexpr std::int64_t day_seconds = 86400;
constexpr std::int64_t hour_seconds = 3600;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Midnight UTC of the n-th Sunday of a month; n = 0: of the last one.
std::int64_t sunday(std::int64_t year, int month, int n) {
    if (n == 0) {
        const std::int64_t next = month == 12 ? unix_from_civil(year + 1, 1, 1) : unix_from_civil(year, month + 1, 1);
        const std::int64_t last = next - day_seconds;
        return last - civil_from_unix(last).weekday * day_seconds;
    }
    const std::int64_t first = unix_from_civil(year, month, 1);
    const int weekday = civil_from_unix(first).weekday;
    return first + ((7 - weekday) % 7 + 7 * (n - 1)) * day_seconds;
}

bool is_summer(Rule rule, std::int64_t unix_seconds, std::int64_t standard) {
    const std::int64_t local = unix_seconds + standard;  // in standard time, whatever the season
    const std::int64_t year = civil_from_unix(local).year;
    switch (rule) {
        case europe:  // last Sunday of March to last Sunday of October, 01:00 UTC
            return unix_seconds >= sunday(year, 3, 0) + hour_seconds && unix_seconds < sunday(year, 10, 0) + hour_seconds;
        case america:  // second Sunday of March to first Sunday of November, 02:00 on the clock
            return local >= sunday(year, 3, 2) + 2 * hour_seconds && local < sunday(year, 11, 1) + hour_seconds;
        case australia:  // first Sunday of October to first Sunday of April, 02:00 standard time
            return local >= sunday(year, 10, 1) + 2 * hour_seconds || local < sunday(year, 4, 1) + 2 * hour_seconds;
        case new_zealand:  // last Sunday of September to first Sunday of April, 02:00 standard time
            return local >= sunday(year, 9, 0) + 2 * hour_seconds || local < sunday(year, 4, 1) + 2 * hour_seconds;
        case fixed:
            break;
    }
    return false;
}

}  // namespace

// Howard Hinnant, "chrono-compatible low-level date algorithms".
Civil civil_from_unix(std::int64_t unix_seconds) {
    const std::int64_t days = floor_div(unix_seconds, day_seconds);
    const std::int64_t rest = unix_seconds - days * day_seconds;
    const std::int64_t z = days + 719468;
    const std::int64_t era = floor_div(z, 146097);
    const std::int64_t doe = z - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    Civil civil;
    civil.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    civil.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    civil.year = yoe + era * 400 + (civil.month <= 2 ? 1 : 0);
    civil.hour = static_cast<int>(rest / hour_seconds);
    civil.minute = static_cast<int>(rest / 60 % 60);
    civil.second = static_cast<int>(rest % 60);
    civil.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    return civil;
}

std::int64_t unix_from_civil(std::int64_t year, int month, int day, int hour, int minute, int second) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = floor_div(year, 400);
    const std::int64_t yoe = year - era * 400;
    const std::int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (era * 146097 + doe - 719468) * day_seconds + hour * hour_seconds + minute * 60 + second;
}

std::optional<TimeZone> TimeZone::find(std::string_view name) {
    TimeZone zone;
    if (name.empty() || name == "Local")
        return zone;
    for (const auto& entry : table)
        for (const auto one : fields(entry.names))
            if (one == name) {
                zone.standard_ = entry.minutes * 60;
                zone.rule_ = entry.rule;
                return zone;
            }
    return std::nullopt;
}

std::int64_t TimeZone::offset_at(std::int64_t unix_seconds) const {
    return standard_ + (is_summer(static_cast<Rule>(rule_), unix_seconds, standard_) ? hour_seconds : 0);
}

std::string TimeZone::format(Time time) const {
    const std::int64_t unix_seconds = epoch_unix_seconds + floor_div(time.ns, 1'000'000'000);
    const std::int64_t offset = offset_at(unix_seconds);
    const Civil civil = civil_from_unix(unix_seconds + offset);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", static_cast<int>(civil.year), civil.month, civil.day,
                  civil.hour, civil.minute, civil.second);
    if (offset == 0)
        return cat(text, "Z");
    const auto minutes = static_cast<int>((offset < 0 ? -offset : offset) / 60);
    char shift[16];
    std::snprintf(shift, sizeof shift, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return cat(text, shift);
}

}  // namespace kubewalk::controllers::cronjob
