/**
 * kam_tag_update__c : replace the whole tag set of one record. inputData: objectApiName, dataId, tagIdList.
 * kamsync reads the set before and sends it back with only its own tags changed.
 */
Map given = inputData as Map
def (Boolean error, Object data, String message) = Fx.tag.update(
    given["objectApiName"] as String, given["dataId"] as String, (given["tagIdList"] ?: []) as List
)
return ["isError": error, "data": null, "message": error ? message : ""]
